"""The parts a screen is made of: each gets its data through a reactive and answers with messages."""
