"""The Build panel: what is built for whom, what came out, what it takes, and what else can be made."""
