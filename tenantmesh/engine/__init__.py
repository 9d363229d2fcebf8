"""An embedded Pulumi engine: it runs unmodified Pulumi Python programs without the Pulumi CLI.

`run.run` carries out preview, up, destroy and refresh, with the program in an interpreter of its own; it takes
`options.RunOptions`, a `program.ChildProgram` and `providers.BuiltInProviders`. `evaluate.evaluate` says what a program
would make, in this process and without deploying anything. What the program says goes to `monitor`, and from there to
`steps`, which call `providers` and write to the `backend`. Nothing is imported here, because the Pulumi SDK takes a
noticeable time and most users of this package need only a part.
"""
