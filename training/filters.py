"""What the lists of training, learning hours and study leave can be narrowed by."""
