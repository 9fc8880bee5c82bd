"""Tests of Taskfiles, some of them against Task itself."""
