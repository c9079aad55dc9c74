# The document that the writer makes, and the schema that others read by.
execute_process(COMMAND ${RENDER} 24 ${OUT}/schema.json ${OUT}/schema.html
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${PYTHON} ${CHECK} ${SCHEMA} ${OUT}/schema.json
  COMMAND_ERROR_IS_FATAL ANY)
