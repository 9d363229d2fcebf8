"""What a person or a script sees of a run: a live tree, plain lines or JSON, each made from the events alone."""

from tenantmesh.engine.display.document import JsonDisplay
from tenantmesh.engine.display.live import LiveDisplay
from tenantmesh.engine.display.plain import PlainDisplay

__all__ = ["JsonDisplay", "LiveDisplay", "PlainDisplay"]
