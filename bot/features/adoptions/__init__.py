"""Who has which customer: adopting, stopping, swapping, and the hat draw."""
