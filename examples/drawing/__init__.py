"""The scenes behind the example pictures, composed as SVG. `draw_pictures.py` renders and develops them."""
