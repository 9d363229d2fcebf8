"""`python -m tests.proof` mutates, prints the score and what is in no table, and writes docs/proof-score.md."""

from tests.proof.judging import judged
from tests.proof.score import PAGE, page, survivors


def main() -> None:
    """Write the page of the score."""
    text = page(judged())
    PAGE.write_text(text)
    print(text)
    for one in survivors(judged()):
        print(f"survived: {one}")


if __name__ == "__main__":
    main()
