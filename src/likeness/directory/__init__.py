"""People and photos of a directory, such as OpenLDAP or Active Directory: read, never written."""
