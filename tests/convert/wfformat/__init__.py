"""Tests of recorded scientific workflows."""
