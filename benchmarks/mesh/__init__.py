"""What the mesh costs, on real Envoys and a real istiod: latency, the size of configurations, a noisy neighbour."""
