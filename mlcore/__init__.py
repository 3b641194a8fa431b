"""What the product knows: images, labels, coverage, training, prediction.

Must not import pages or streamlit. TensorFlow is imported only by the modules
that run in a worker or predictor process.
"""
