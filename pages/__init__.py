"""What a person sees. One file per page; shared widgets live in pages.parts."""
