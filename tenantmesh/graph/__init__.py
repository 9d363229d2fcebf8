"""Kubernetes objects become answers: who reaches whom, by which object, in each layer.

It reads plain objects and knows nothing of the code that made them.
"""
