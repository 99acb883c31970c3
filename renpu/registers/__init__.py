"""Administrative lists taken in: a file of the police comes in, staged rows with their problems go out (GSBPM 4.3,
5.1).

The pure half reads files (`source`, `reading`, the readers, `sources/`); the other half keeps deliveries (`models`,
`actions`, `queries`).
"""
