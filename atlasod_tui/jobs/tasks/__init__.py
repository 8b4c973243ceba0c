"""What jobs do: the pipelines that join the rooms."""
