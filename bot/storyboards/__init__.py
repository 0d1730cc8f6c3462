"""Several shots as one film: asked for together, made in order, joined and posted once."""
