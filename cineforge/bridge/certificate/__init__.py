"""Certificates: that nothing is to be done is known without looking at everything, while nothing has changed."""
