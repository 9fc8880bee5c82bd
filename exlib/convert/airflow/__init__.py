"""DAGs of Apache Airflow: one Python file, one BashOperator a job."""
