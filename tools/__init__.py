"""Programs for who works on the product; none is part of its distribution."""
