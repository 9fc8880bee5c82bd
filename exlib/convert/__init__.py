"""Workflows from the formats in which people have them, and back: one package a format, all of one shape.

``formats.FORMATS`` is the table of them. A format's ``reader`` has ``read(source, wishes) -> list[Draft]``, its
``writer`` has ``write(outgoing, wishes) -> list[File]``; both say in an Account what became of every construct.
"""
