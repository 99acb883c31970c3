"""Areas (普查区), blocks (普查小区), buildings and dwelling units: the frame in which every household lies (GSBPM
2.4, 4.1)."""
