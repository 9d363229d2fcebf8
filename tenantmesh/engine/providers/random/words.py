"""The words of pet names. The lists are tenantmesh's own: a name carries about 14 bits, take more words for more."""

ADVERBS = tuple(
    """
    amply barely boldly bravely briefly brightly broadly calmly cheerfully clearly closely coolly curiously daily deeply
    duly eagerly early easily evenly fairly finely firmly fondly freely freshly fully gently gladly gracefully happily
    highly honestly humbly jointly jolly justly keenly kindly largely lately lightly likely lively loudly lovingly
    loyally mainly merrily mildly mostly neatly newly nicely nobly openly partly patiently plainly politely promptly
    proudly purely quickly quietly rapidly readily really richly rightly safely sharply silently simply smoothly softly
    soundly steadily subtly suddenly surely sweetly swiftly tenderly tidily truly vastly vividly warmly wholly widely
    wildly wisely yearly
    """.split()  # noqa: SIM905  a hundred quoted words are harder to read
)

ADJECTIVES = tuple(
    """
    able active agile alert amber ample apt arctic azure balmy bold brave breezy brief bright brisk calm candid careful
    cheery chief civil classic clean clear clever close cool copper coral cosmic cosy crisp curious daring dear deep
    deft devoted direct driven eager early earnest easy elated eminent epic equal exact fair famous fancy fast fine firm
    fit fleet fluent fond free fresh frosty full funny gentle genuine giant gifted glad golden good grand great green
    happy hardy hearty helpful honest humble ideal immense jolly keen kind large lasting liberal light lively logical
    loved loyal lucid lucky magical main major mellow merry mighty mild modern modest moral musical mutual native neat
    nimble noble normal novel open patient peaceful pleasant poetic polite prime proper proud pure quick quiet rapid
    rare ready regular relaxed rich robust rosy sacred safe sandy secure sharp shining silent silver simple sincere
    smart smooth snowy social solid sound special stable steady still stirred strong subtle sunny super supple sure
    sweet swift tender tidy topical tough tranquil trusty upright valid vast verified vital vivid warm wealthy welcome
    whole wild willing wise witty worthy young
    """.split()  # noqa: SIM905  a hundred quoted words are harder to read
)

NAMES = tuple(
    """
    alpaca ant antelope ape badger bat bear beaver bee beetle bison boar bobcat buck buffalo bull camel canary carp cat
    catfish chicken chipmunk clam cobra cod collie condor coral cougar cow coyote crab crane cricket crow cub deer dingo
    dodo dog dolphin donkey dove dragon duck eagle eel egret elephant elk emu falcon fawn ferret finch firefly fish
    flamingo flea fly fox frog gazelle gecko gibbon giraffe glider gnat gnu goat goblin goose gopher gorilla griffon
    grouse grub gull haddock hamster hare hawk hedgehog hen heron herring hippo hornet horse hound husky ibex iguana
    impala jackal jaguar jay kangaroo katydid kite kiwi koala krill lamb lark lemur leopard lion lizard llama lobster
    locust lynx macaw mackerel magpie mallard mammoth manatee mantis marlin marmot marten martin mayfly minnow mole
    monkey moose moth mouse mule mussel newt ocelot octopus opossum orca oriole osprey ostrich otter owl ox oyster panda
    panther parrot peacock pelican penguin perch pheasant pig pigeon pika platypus pony possum prawn puffin puma quail
    rabbit raccoon ram raptor raven ray robin salmon sawfish scorpion seal serval shark sheep shrew shrimp skunk skylark
    sloth slug snail snake snipe sparrow spider squid stag stallion starfish starling stork sturgeon sunfish swan swift
    tapir teal termite terrier tiger toad toucan trout tuna turkey turtle urchin viper vulture wallaby walrus warthog
    wasp weasel whale whippet wolf wolverine wombat woodcock wren yak zebra
    """.split()  # noqa: SIM905  two hundred quoted words are harder to read
)
