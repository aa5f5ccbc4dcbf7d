"""The secretariat's desk for the network. Importing the modules registers their pages."""

from stemportal.network.admin import ecosystems, groups, hearings, inputs, meetings, stories

__all__ = ["ecosystems", "groups", "hearings", "inputs", "meetings", "stories"]
