"""The mails about training, learning hours and study leave, a function each; they are written in the transaction that
they tell of."""

# --- Registration ----------------------------------------------------------------------------------------------------


# --- Classes and hours -----------------------------------------------------------------------------------------------


# --- Study leave -----------------------------------------------------------------------------------------------------
