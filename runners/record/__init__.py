"""What a run records: monitors, stores on disk, snapshots."""
