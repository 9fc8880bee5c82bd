"""Tables of jobs: CSV and XLSX, a row a job."""
