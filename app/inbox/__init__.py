"""Events as they came in, and the objects they make us want."""
