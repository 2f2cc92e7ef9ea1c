"""The forms of training, learning hours and study leave."""
