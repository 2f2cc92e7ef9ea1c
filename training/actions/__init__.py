"""What changes training, learning hours and study leave: each one transaction with its entry in the trail."""
