"""One plugin a panel. Panels never import one another; nobody imports a panel: entry points name them."""
