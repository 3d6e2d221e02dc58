"""Files for Open WebUI, each whole in itself: to be pasted there, or imported by address."""
