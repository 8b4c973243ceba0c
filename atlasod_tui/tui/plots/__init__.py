"""What the plots page shows, without a widget; numpy is imported where a plot is made."""
