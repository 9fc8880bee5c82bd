"""Tests of Dagu, both ways."""
