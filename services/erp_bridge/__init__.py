"""The bridge to ERPs: what is sold here is booked there, and what is paid there is known here."""
