"""The only place that imports torch, transformers, essentia and tokenizers; all of it runs in children."""
