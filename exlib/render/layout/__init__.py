"""Where the boxes and arrows of a graph stand: layers in its direction, drawn without any program or package.

The framework is that of Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System
Structures" (1981): edges of cycles are turned (``layering``), jobs get layers (``layering``), long edges get bends
(``bends``), orders within layers avoid crossings (``crossing``), then come coordinates (``coordinates``). Layers too
wide to be looked at are broken into rows, and parts that nothing links are laid out alone and packed (``packing``).
"""

from exlib.render.layout.drawing import layout
from exlib.render.layout.model import Band, Layout, Piece, Route

__all__ = ["Band", "Layout", "Piece", "Route", "layout"]
