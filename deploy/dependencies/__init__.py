"""What others made and we depend on: is anything wrong with it?"""
