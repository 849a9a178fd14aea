"""Text or LaTeX to a tree, and a tree to text, LaTeX and MathML."""
