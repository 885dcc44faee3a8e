"""The rules of the office: published into its database."""
