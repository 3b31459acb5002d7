"""What patients do for themselves, without a login: the pages under `/book/` and `/v/`."""
