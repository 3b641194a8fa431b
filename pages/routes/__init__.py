"""HTTP routes beside the Streamlit pages: images, answers, uploads."""
