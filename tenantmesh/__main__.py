"""`python -m tenantmesh` is the program `tenantmesh`."""

from tenantmesh.cli import main

if __name__ == "__main__":
    main()
