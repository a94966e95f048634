"""Promise 2: one ERP document per invoice, exactly, although couriers die between the call and its record."""
