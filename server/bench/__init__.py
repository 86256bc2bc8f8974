"""How fast the product is: every promise measured beside a reference from the same minute."""
