"""Makes what partners and services are promised: JSON Schemas, samples, AsyncAPI documents, and the record of releases.

Everything comes from the tables in `shared/contracts`; `python -m deploy.contracts.generate` writes it.
"""
