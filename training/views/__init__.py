"""The pages of training, learning hours and study leave."""
