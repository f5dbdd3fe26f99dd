"""What a net's gradients say: `measurement` takes the figures, `verdicts` judges them, `report` shows both."""
