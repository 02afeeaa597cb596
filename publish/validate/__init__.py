"""Pure and columnar: are the rows what their descriptor says?"""
