"""The Packages panel: what can be had for boards, what the board has, and putting on and taking off."""
