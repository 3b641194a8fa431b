"""What the product remembers: SQLite through sqlite-utils, and files on disk.

Must not import mlcore, pages, streamlit, numpy or keras.
"""
