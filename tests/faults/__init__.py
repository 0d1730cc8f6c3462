"""The proofs: that nothing is lost, nothing is paid twice, and nobody gets in."""
