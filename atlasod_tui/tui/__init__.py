"""The screen: a Textual program over the same rooms as the headless verbs."""
