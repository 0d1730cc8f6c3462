"""What admins and operators may see and do: limits, refunds, blocks, switches, and the log of all of it."""
